package wrong.adapters.grpc;

import wrong.adapters.kafka.bystander.Bystander;

/** A service that asks Kafka itself. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
