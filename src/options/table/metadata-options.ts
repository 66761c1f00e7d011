import { flag } from "../argument.ts";
import { requestField } from "../option-row.ts";

export const METADATA_OPTIONS = [
  requestField("stripMetadata", {
    name: "strip_metadata",
    aliases: ["sm"],
    group: "Metadata and colour",
    doc: "Removes metadata (EXIF, IPTC, XMP) from the result.",
    argument: flag("strip_metadata", { initial: "IMGPROXY_STRIP_METADATA" }),
    examples: ["sm:0"],
  }),
  requestField("keepCopyright", {
    name: "keep_copyright",
    aliases: ["kcr"],
    group: "Metadata and colour",
    doc: "Keeps copyright notes when metadata is removed.",
    argument: flag("keep_copyright", { initial: "IMGPROXY_KEEP_COPYRIGHT" }),
    examples: ["kcr:0"],
  }),
  requestField("stripColorProfile", {
    name: "strip_color_profile",
    aliases: ["scp"],
    group: "Metadata and colour",
    doc: "Converts to sRGB and removes the colour profile.",
    argument: flag("strip_color_profile", { initial: "IMGPROXY_STRIP_COLOR_PROFILE" }),
    examples: ["scp:0"],
  }),
  requestField("preserveHdr", {
    name: "preserve_hdr",
    aliases: ["ph"],
    group: "Metadata and colour",
    doc: "Keeps more than 8 bits a channel where source and result can hold them.",
    argument: flag("preserve_hdr", { initial: "IMGPROXY_PRESERVE_HDR" }),
    examples: ["ph:1"],
  }),
  requestField("enforceThumbnail", {
    name: "enforce_thumbnail",
    aliases: ["eth"],
    group: "Metadata and colour",
    doc: "Takes the thumbnail that HEIC and AVIF sources carry instead of the image.",
    argument: flag("enforce_thumbnail", { initial: "IMGPROXY_ENFORCE_THUMBNAIL" }),
    examples: ["eth:1"],
  }),
] as const;
