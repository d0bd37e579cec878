package wrong.adapters.postgres;

import wrong.adapters.sqlite.upstream.bystander.Bystander;

/** A journal that knows another one. */
final class KnowsItsNeighbour {
  Bystander bystander() {
    return new Bystander();
  }
}
