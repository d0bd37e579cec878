package wrong.proto;

import wrong.domain.Bystander;

/** A message type that knows a rule. */
final class KnowsTheDomain {
  Bystander bystander() {
    return new Bystander();
  }
}
