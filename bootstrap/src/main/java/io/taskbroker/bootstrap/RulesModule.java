package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.kafka.HostClock;
import io.taskbroker.adapters.kafka.KafkaDemotionRoute;
import io.taskbroker.adapters.protobuf.MsgpackArgumentReader;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.rules.RuntimeRules;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What operators change while the broker runs. */
@Module
interface RulesModule {
  @Provides
  @Singleton
  static Optional<RulesFile> file(BrokerConfig config, TimeSource time) {
    return config.rulesFile().map(file -> RulesFile.open(file, time));
  }

  @Provides
  @Singleton
  static KafkaDemotionRoute route(BrokerConfig config, Publisher publisher, HostClock hostClock) {
    return new KafkaDemotionRoute(config.kafka(), publisher, hostClock);
  }

  @Provides
  static Rulebook rulebook(Optional<RulesFile> file, KafkaDemotionRoute route) {
    RuntimeRules rules = file.<RuntimeRules>map(watched -> watched).orElse(() -> Rules.NONE);
    return new Rulebook(rules, new MsgpackArgumentReader(), route, RuleTexts::read);
  }
}
