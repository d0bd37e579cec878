package wrong.adapters.tls;

import wrong.adapters.kafka.bystander.Bystander;

/** A certificate that comes by Kafka. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
