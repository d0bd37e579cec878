package wrong.simulation;

import wrong.proving.bystander.Bystander;

/** A simulation that plays the real thing. */
final class KnowsAScenario {
  Bystander bystander() {
    return new Bystander();
  }
}
