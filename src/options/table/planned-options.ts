import type { PlannedOption } from "../option-row.ts";

function planned(names: readonly [string, ...string[]], usage: string, doc: string): PlannedOption {
  const [name, ...aliases] = names;
  return { kind: "planned", group: "Later", name, aliases, usage, doc };
}

/**
 * Options of imgproxy Pro by their documented names. They are refused like unknown ones, but the error says what they are.
 * `co` means `contrast` there, although `crop_objects` is documented with the same short name.
 */
export const PLANNED_OPTIONS: readonly PlannedOption[] = [
  planned(["resizing_algorithm", "ra"], "algorithm", "Kernel of resizing."),
  planned(["objects_position", "obj_pos", "op"], "type:[x]:[y]", "Where detected objects end up in the result."),
  planned(["crop_aspect_ratio", "crop_ar", "car"], "ratio:[enlarge]", "Corrects the ratio of the crop."),
  planned(["crop_objects"], "scale:[class]:…", "Crops to detected objects."),
  planned(["background_alpha", "bga"], "alpha", "Opacity of the background."),
  planned(["adjust", "a"], "[brightness]:[contrast]:[saturation]", "The three in one go."),
  planned(["brightness", "br"], "brightness", "Brightness, -255…255."),
  planned(["contrast", "co"], "contrast", "Contrast, 1 unchanged."),
  planned(["saturation", "sa"], "saturation", "Saturation, 1 unchanged."),
  planned(["monochrome", "mc"], "intensity:[colour]", "Shades of one colour."),
  planned(["duotone", "dt"], "intensity:[dark]:[light]", "Shades between two colours."),
  planned(["unsharp_masking", "ush"], "mode:[weight]:[divider]", "Unsharp masking."),
  planned(["blur_areas", "ba"], "sigma:left:top:width:height:…", "Blurs parts of the image."),
  planned(["progressive_blur", "pbl"], "sigma:[direction]:[start]:[stop]", "Blur that grows in a direction."),
  planned(["blur_detections", "bd"], "sigma:[class]:…", "Blurs detected objects."),
  planned(["draw_detections", "dd"], "draw:[class]:…", "Frames detected objects."),
  planned(["colorize", "col"], "opacity:[colour]:[keep_alpha]", "Lays a colour over the image."),
  planned(["gradient", "gr"], "opacity:[colour]:[direction]:[start]:[stop]", "Lays a gradient over the image."),
  planned(["watermark_url", "wmu"], "url", "Watermark from a URL in base64."),
  planned(["watermark_text", "wmt"], "text", "Watermark from a text in base64."),
  planned(["watermark_size", "wms"], "width:height", "Size of the watermark."),
  planned(["watermark_rotate", "wm_rot", "wmr"], "angle", "Turns the watermark."),
  planned(["watermark_shadow", "wmsh"], "sigma", "Shadow behind the watermark."),
  planned(["style", "st"], "css", "CSS for SVG sources, in base64."),
  planned(["dpi"], "dpi", "Resolution noted in the result."),
  planned(["color_profile", "cp", "icc"], "profile", "Colour profile of the result."),
  planned(["autoquality", "aq"], "method:[target]:[min]:[max]:[error]", "Finds the quality."),
  planned(["jpeg_options", "jpgo"], "…", "Settings of the JPEG encoder."),
  planned(["png_options", "pngo"], "…", "Settings of the PNG encoder."),
  planned(["webp_options", "webpo"], "…", "Settings of the WebP encoder."),
  planned(["avif_options", "avifo"], "…", "Settings of the AVIF encoder."),
  planned(["page", "pg"], "page", "Page of the source."),
  planned(["pages", "pgs"], "pages", "Number of pages."),
  planned(["disable_animation", "da"], "disable", "Takes the first frame only."),
  planned(["video_thumbnail_second", "vts"], "second", "Second of the frame of a video."),
  planned(["video_thumbnail_keyframes", "vtk"], "keyframes", "Takes key frames only."),
  planned(["video_thumbnail_tile", "vtt"], "…", "Sheet of frames of a video."),
  planned(["video_thumbnail_animation", "vta"], "…", "Animation of frames of a video."),
  planned(["fallback_image_url", "fiu"], "url", "Fallback image from a URL in base64."),
  planned(["cache_tags", "ct"], "tag:[tag]:…", "Tags for purging caches."),
  planned(["hashsum", "hs"], "type:sum", "Checks the source against a hash."),
];
