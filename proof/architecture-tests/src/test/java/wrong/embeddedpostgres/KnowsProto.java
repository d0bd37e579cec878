package wrong.embeddedpostgres;

import wrong.proto.bystander.Bystander;

/** A server that knows its clients. */
final class KnowsProto {
  Bystander bystander() {
    return new Bystander();
  }
}
