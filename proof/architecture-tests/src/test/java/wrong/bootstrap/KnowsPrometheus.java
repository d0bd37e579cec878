package wrong.bootstrap;

import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Wiring that makes metrics itself. */
final class KnowsPrometheus {
  static final PrometheusRegistry REGISTRY = new PrometheusRegistry();
}
