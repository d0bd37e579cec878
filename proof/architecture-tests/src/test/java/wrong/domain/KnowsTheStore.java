package wrong.domain;

import wrong.inflight.bystander.Bystander;

/** A rule that knows who keeps the rows. */
final class KnowsTheStore {
  Bystander bystander() {
    return new Bystander();
  }
}
