package wrong.fuzzing;

import wrong.proving.bystander.Bystander;

/** A fuzzer that plays the packaged broker. */
final class KnowsAScenario {
  Bystander bystander() {
    return new Bystander();
  }
}
