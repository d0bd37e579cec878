package wrong.domain;

import wrong.application.bystander.Bystander;

/** A rule that knows a use case. */
final class KnowsTheApplication {
  Bystander bystander() {
    return new Bystander();
  }
}
