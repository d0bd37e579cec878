package wrong.proto;

import wrong.domain.bystander.Bystander;

/** A message type that knows a rule. */
final class KnowsTheDomain {
  Bystander bystander() {
    return new Bystander();
  }
}
