import { declareSingleFaults } from './single-faults.ts';

declareSingleFaults('AFTER');
