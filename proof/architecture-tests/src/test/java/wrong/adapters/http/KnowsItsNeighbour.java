package wrong.adapters.http;

import wrong.adapters.kafka.bystander.Bystander;

/** A page that asks Kafka itself. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
