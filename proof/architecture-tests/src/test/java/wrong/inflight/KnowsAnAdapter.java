package wrong.inflight;

import wrong.adapters.kafka.bystander.Bystander;

/** A store that knows its technology. */
final class KnowsAnAdapter {
  Bystander bystander() {
    return new Bystander();
  }
}
