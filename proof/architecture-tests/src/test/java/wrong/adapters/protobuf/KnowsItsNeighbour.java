package wrong.adapters.protobuf;

import wrong.adapters.kafka.bystander.Bystander;

/** A codec that knows where its bytes come from. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
