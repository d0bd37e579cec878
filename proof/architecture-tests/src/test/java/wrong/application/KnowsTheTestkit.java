package wrong.application;

import wrong.testkit.bystander.Bystander;

/** A use case that exists for its tests. */
final class KnowsTheTestkit {
  Bystander bystander() {
    return new Bystander();
  }
}
