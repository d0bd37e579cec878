package wrong.proving;

import wrong.testkit.bystander.Bystander;

/** A proof by fakes. */
final class KnowsTheTestkit {
  Bystander bystander() {
    return new Bystander();
  }
}
