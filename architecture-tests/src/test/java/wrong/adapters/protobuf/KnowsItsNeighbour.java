package wrong.adapters.protobuf;

import wrong.adapters.kafka.Bystander;

/** A codec that knows where its bytes come from. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
