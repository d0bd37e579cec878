package wrong.workload;

import wrong.proving.bystander.Bystander;

/** Work that is judged by one scenario. */
final class KnowsAScenario {
  Bystander bystander() {
    return new Bystander();
  }
}
