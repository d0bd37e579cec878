package wrong.adapters.sqlite;

import wrong.adapters.sqlite.upstream.bystander.Bystander;

/** A journal that knows the files of another broker. */
final class KnowsUpstream {
  Bystander bystander() {
    return new Bystander();
  }
}
