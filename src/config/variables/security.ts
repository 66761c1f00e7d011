import { csv, hexList, prefixList } from "../types/list-types.ts";
import { int, megapixels } from "../types/number-types.ts";
import { bool, text } from "../types/text-types.ts";
import { optional, variable } from "../variable.ts";

/** Who may ask for what: signatures, the bearer secret, sources, limits. */
export const SECURITY_VARIABLES = {
  key: variable("IMGPROXY_KEY", hexList, [], {
    doc: "Keys of URL signatures, hexadecimal; several for rotation. Without keys signatures are not checked.",
    isSecret: true,
  }),
  salt: variable("IMGPROXY_SALT", hexList, [], {
    doc: "Salts of URL signatures, as many as keys and paired with them by position.",
    isSecret: true,
  }),
  signatureSize: variable("IMGPROXY_SIGNATURE_SIZE", int({ min: 1, max: 32 }), 32, {
    doc: "Bytes of the signature that are kept before it is encoded.",
  }),
  trustedSignatures: variable("IMGPROXY_TRUSTED_SIGNATURES", csv, [], {
    doc: "Signatures accepted without a check; looked at only when keys are set.",
    isSecret: true,
  }),
  secret: variable("IMGPROXY_SECRET", text, "", {
    doc: "When set, image requests must carry `Authorization: Bearer SECRET`.",
    isSecret: true,
  }),
  allowedSources: variable("IMGPROXY_ALLOWED_SOURCES", prefixList, [], {
    doc: "Prefixes of allowed source URLs; `*` stands for any characters but `/`. Blank allows all.",
    defaultText: "all",
  }),
  maxSrcResolution: variable("IMGPROXY_MAX_SRC_RESOLUTION", megapixels({ above: 0 }), 50_000_000, {
    doc: "Largest source, in megapixels over all frames.",
  }),
  maxSrcFileSize: variable("IMGPROXY_MAX_SRC_FILE_SIZE", int({ min: 0 }), 0, {
    doc: "Largest source file, in bytes. 0 = no limit.",
  }),
  maxAnimationFrames: variable("IMGPROXY_MAX_ANIMATION_FRAMES", int({ min: 1 }), 1, {
    doc: "Most frames of an animation that are processed; the rest is cut off.",
  }),
  maxAnimationFrameResolution: variable("IMGPROXY_MAX_ANIMATION_FRAME_RESOLUTION", megapixels(), 0, {
    doc: "Largest single frame of an animation, in megapixels. 0 = IMGPROXY_MAX_SRC_RESOLUTION over all frames instead.",
  }),
  maxResultDimension: variable("IMGPROXY_MAX_RESULT_DIMENSION", int(), 0, {
    doc: "Largest width and height of a result; larger ones are scaled down. 0 or less = no limit.",
  }),
  allowSecurityOptions: variable("IMGPROXY_ALLOW_SECURITY_OPTIONS", bool, false, {
    doc: "Allow URLs to change the five limits above.",
  }),
  allowedProcessingOptions: variable("IMGPROXY_ALLOWED_PROCESSING_OPTIONS", csv, [], {
    doc: "Names of the options that URLs may use, short and long names apart; presets are not checked. Blank allows all.",
    defaultText: "all",
  }),
  sanitizeSvg: variable("IMGPROXY_SANITIZE_SVG", bool, true, {
    doc: "Remove scripts and other dangerous parts from SVG results.",
  }),
  pngUnlimited: variable("IMGPROXY_PNG_UNLIMITED", bool, false, { doc: "Lift libpng's limits on chunks." }),
  svgUnlimited: variable("IMGPROXY_SVG_UNLIMITED", bool, false, { doc: "Lift the limit of 10 MB on SVG sources." }),
  tiffUnlimited: variable("IMGPROXY_TIFF_UNLIMITED", bool, false, { doc: "Lift libtiff's limit on memory." }),
  developmentErrorsMode: variable("IMGPROXY_DEVELOPMENT_ERRORS_MODE", bool, false, {
    doc: "Show whole error texts to clients. Not for production.",
  }),
  playground: optional("IMGPROXY_PLAYGROUND", bool, {
    doc: "Serve the playground, a page for trying options, at `/playground`. With keys it signs URLs, but only for clients on this machine and for those that send IMGPROXY_SECRET.",
    defaultText: "as IMGPROXY_DEVELOPMENT_ERRORS_MODE",
  }),
  playgroundSources: variable("IMGPROXY_PLAYGROUND_SOURCES", csv, [], {
    doc: "Source URLs that the playground offers. Blank offers what lies in IMGPROXY_LOCAL_FILESYSTEM_ROOT, to clients on this machine and to those with the secret.",
    defaultText: "images of IMGPROXY_LOCAL_FILESYSTEM_ROOT",
  }),
};
