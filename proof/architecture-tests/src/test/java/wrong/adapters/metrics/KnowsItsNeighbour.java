package wrong.adapters.metrics;

import wrong.adapters.kafka.bystander.Bystander;

/** Metrics that ask Kafka themselves. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
