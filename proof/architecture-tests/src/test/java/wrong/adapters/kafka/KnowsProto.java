package wrong.adapters.kafka;

import wrong.proto.bystander.Bystander;

/** A consumer that looks into its records. */
final class KnowsProto {
  Bystander bystander() {
    return new Bystander();
  }
}
