package wrong.bootstrap;

import wrong.testkit.bystander.Bystander;

/** A broker that takes its fakes along. */
final class KnowsTheTestkit {
  Bystander bystander() {
    return new Bystander();
  }
}
