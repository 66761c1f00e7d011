import type { Config } from "../config/config.ts";
import { IMAGE_FORMATS } from "../formats.ts";
import { type Html, html, renderPage } from "./page.ts";
import { isPlaygroundOn } from "./playground/is-playground-on.ts";

/** The page at the root: that it works, what it can do, and the next steps. The version is told in development mode only. */
export function renderLandingPage(config: Config, version: string): string {
  const prefix = config.pathPrefix;
  const name = config.developmentErrorsMode ? `imgproxy ${version}` : "imgproxy";
  const formats = Object.entries(IMAGE_FORMATS).filter(([, { canSave }]) => canSave);
  return renderPage(
    "imgproxy",
    html`<p class="fine">It works.</p>
<h1>${name} is running</h1>
<p>It fetches images from S3, HTTP and disk, and answers with them resized, cropped and converted as the URL says.</p>
<h2>Try it</h2>
${playgroundLink(config)}<p>Put an image URL after <code>plain/</code>:</p>
<pre>${prefix}/unsafe/rs:fit:300:300/plain/https://example.com/photo.jpg@webp</pre>
<table>
${row("rs:fit:300:300", "resize to fit 300 × 300; options are parts of the path, in any order")}
${row("plain/https://…", "the source; percent-encode ? and @ in it, or give it in base64 instead")}
${row("@webp", `the format of the answer: ${formats.map(([name]) => name).join(", ")}`)}
</table>
<h2>Next steps</h2>
<ol>
<li>Sign URLs, so that nobody else can make the server work: set <code>IMGPROXY_KEY</code> and <code>IMGPROXY_SALT</code> (<code>openssl rand -hex 32</code> makes each); <code>imgproxy url</code> signs.</li>
<li>Serve from your own buckets: <code>IMGPROXY_USE_S3=true</code>, then <code>s3://bucket/key</code> as the source.</li>
<li>Put a CDN or a caching proxy in front; answers carry Cache-Control and ETag.</li>
<li>Watch it: <code>IMGPROXY_PROMETHEUS_BIND</code> serves metrics, <code>${prefix}/health</code> tells a load balancer that all is well.</li>
</ol>`,
  );
}

function playgroundLink(config: Config): Html {
  if (!isPlaygroundOn(config)) return html``;
  return html`<p><a href="${config.pathPrefix}/playground">Open the playground</a>: every option with its controls, and the result beside the original.</p>
`;
}

function row(code: string, meaning: string): Html {
  return html`<tr><th><code>${code}</code></th><td>${meaning}</td></tr>
`;
}
