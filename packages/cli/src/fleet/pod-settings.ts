/**
 * What a member of a fleet in a Kubernetes pod is to know of it: it then probes what a pod must not reach. Workers that `run` or `demo` start
 * for a moment are not told, since a developer's pod need not be fit for a fleet.
 */
export function podSettings(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { KUBERNETES_SERVICE_HOST } = environment;
  return KUBERNETES_SERVICE_HOST === undefined ? {} : { KUBERNETES_SERVICE_HOST };
}
