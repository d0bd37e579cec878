package wrong.application;

import wrong.proto.bystander.Bystander;

/** A use case that reads messages. */
final class KnowsProto {
  Bystander bystander() {
    return new Bystander();
  }
}
