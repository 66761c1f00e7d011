import { hostname } from "node:os";
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import type { Config } from "../../config/config.ts";

export type ResourceConfig = Pick<Config, "otelServiceName">;

const DEFAULT_NAME = "imgproxy";

/**
 * Who sends: name, version and machine, and what OTEL_RESOURCE_ATTRIBUTES adds. `instance` tells processes of one server apart
 * that send for themselves.
 */
export function telemetryResource({ otelServiceName }: ResourceConfig, version: string, instance?: string): Resource {
  const own = resourceFromAttributes({
    "service.name": DEFAULT_NAME,
    "service.version": version,
    "host.name": hostname(),
    ...(instance === undefined ? {} : { "service.instance.id": `${hostname()}-${instance}` }),
  });
  const added = detectResources({ detectors: [resourceAttributesEnvDetector] });
  const all = defaultResource().merge(own).merge(added);
  // A name that is set wins over one among the attributes, as the specification has it.
  return otelServiceName === DEFAULT_NAME
    ? all
    : all.merge(resourceFromAttributes({ "service.name": otelServiceName }));
}
