package wrong.testkit;

import wrong.adapters.kafka.bystander.Bystander;

/** A fake that is none. */
final class KnowsAnAdapter {
  Bystander bystander() {
    return new Bystander();
  }
}
