// Runs before everything else, on whatever Node there is, so it is plain JavaScript.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 22) {
  console.error(
    `Onsale needs Node 22 or newer here, and this is ${process.version}. On Linux x64 and arm64 and on Windows x64, npm ci brings Node 24 along; elsewhere install it.`,
  );
  process.exit(1);
}
