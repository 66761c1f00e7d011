// Loaded before every test file (bunfig.toml): the suite must not depend on whoever runs it.
for (const name of Object.keys(process.env)) {
  if (name.startsWith("IMGPROXY_") && !name.startsWith("IMGPROXY_TEST_")) delete process.env[name];
}
