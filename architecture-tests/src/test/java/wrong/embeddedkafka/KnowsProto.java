package wrong.embeddedkafka;

import wrong.proto.Bystander;

/** A Kafka that knows its clients. */
final class KnowsProto {
  Bystander bystander() {
    return new Bystander();
  }
}
