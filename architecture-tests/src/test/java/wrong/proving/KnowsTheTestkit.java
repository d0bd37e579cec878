package wrong.proving;

import wrong.testkit.Bystander;

/** A proof by fakes. */
final class KnowsTheTestkit {
  Bystander bystander() {
    return new Bystander();
  }
}
