package wrong.adapters.grpc;

import wrong.adapters.kafka.Bystander;

/** A service that asks Kafka itself. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
