package wrong.benchmarks;

import wrong.proving.bystander.Bystander;

/** A measurement that carries a scenario. */
final class KnowsAScenario {
  Bystander bystander() {
    return new Bystander();
  }
}
