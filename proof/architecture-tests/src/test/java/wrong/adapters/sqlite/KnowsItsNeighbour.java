package wrong.adapters.sqlite;

import wrong.adapters.kafka.bystander.Bystander;

/** A journal that asks Kafka itself. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
