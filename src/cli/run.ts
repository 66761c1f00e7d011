import sharp from "sharp";
export async function run(args: readonly string[]): Promise<number> {
  process.stdout.write(`${args} ${JSON.stringify(sharp.versions)} ${process.env["UV_THREADPOOL_SIZE"]} ${process.env["BUILD_LIBRARIES"]}\n`);
  const out = await sharp({create: {width: 20, height: 20, channels: 3, background: "red"}}).webp().toBuffer();
  process.stdout.write(`${out.length}\n`);
  return 0;
}
