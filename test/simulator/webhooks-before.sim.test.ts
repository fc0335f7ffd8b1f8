import { declareSingleFaults } from './single-faults.ts';

declareSingleFaults('BEFORE');
