package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogFilterTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          info                                          | taskbroker::upkeep        | INFO
          error                                         | taskbroker::upkeep        | ERROR
          info,taskbroker::upkeep=debug                 | taskbroker::upkeep        | DEBUG
          info,taskbroker::upkeep=debug                 | taskbroker::grpc::server  | INFO
          taskbroker::upkeep=debug,info                 | taskbroker::upkeep        | DEBUG
          warn,taskbroker=debug,taskbroker::grpc=off    | taskbroker::grpc::server  | OFF
          warn,taskbroker::grpc=off,taskbroker=debug    | taskbroker::grpc::server  | OFF
          warn,taskbroker=debug,taskbroker::grpc=off    | taskbroker::store         | DEBUG
          info,warn                                     | taskbroker::store         | WARN
          info,a=warn,a=trace                           | a                         | TRACE
          taskbroker::upkeep=debug                      | other                     | ERROR
          ''                                            | other                     | ERROR
          INFO                                          | other                     | INFO
          ' info , a = warn '                           | a                         | WARN
          info,librdkafka=warn,h2=off                   | org.apache.kafka.clients.Metadata | WARN
          info,librdkafka=warn,h2=off                   | io.grpc.netty.NettyServer | OFF
          info,librdkafka=debug                         | org.apache.kafka.clients.Metadata | DEBUG
          debug                                         | org.apache.kafka.clients.Metadata | WARN
          debug                                         | org.apache.kafka.clients.NetworkClient | OFF
          info,org.apache.kafka=debug,org.apache.kafka.clients.NetworkClient=warn | org.apache.kafka.clients.NetworkClient | WARN
          debug                                         | org.apache.kafka.clients.admin.internals.AdminMetadataManager | OFF
          debug                                         | org.apache.kafka.clients.consumer.internals.ConsumerCoordinator | OFF
          debug                                         | org.apache.kafka.clients.consumer.internals.FetchCollector | ERROR
          debug                                         | org.apache.kafka.clients.ClientUtils | ERROR
          debug                                         | io.grpc.netty.NettyServer | WARN
          debug                                         | com.zaxxer.hikari.HikariPool | WARN
          info                                          | com.zaxxer.hikari.pool.ProxyConnection | ERROR
          info                                          | com.zaxxer.hikari.pool.PoolBase | ERROR
          info,com.zaxxer.hikari=debug                  | com.zaxxer.hikari.HikariPool | DEBUG
          """)
  void theLongestTargetWins(String filter, String logger, String level) {
    assertThat(LogFilter.parse(filter).levelOf(logger)).hasToString(level);
  }

  @Test
  void whatIsNoDirectiveIsIgnoredAndNoted() {
    LogFilter filter = LogFilter.parse("info,loud,a=b,=debug,a b=info,,x=");

    assertThat(filter.ignored()).containsExactly("loud", "a=b", "=debug", "a b=info", "x=");
    assertThat(filter.levelOf("a")).hasToString("INFO");
  }
}
