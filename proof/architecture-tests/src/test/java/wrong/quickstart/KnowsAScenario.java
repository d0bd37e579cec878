package wrong.quickstart;

import wrong.proving.bystander.Bystander;

/** A demo that carries a scenario. */
final class KnowsAScenario {
  Bystander bystander() {
    return new Bystander();
  }
}
