package io.taskbroker.benchmarks.command;

import io.taskbroker.benchmarks.broker.DrainCommand;
import io.taskbroker.benchmarks.broker.ExchangeCommand;
import io.taskbroker.benchmarks.broker.FloodCommand;
import io.taskbroker.benchmarks.broker.GrpcCommand;
import io.taskbroker.benchmarks.broker.LatencyCommand;
import io.taskbroker.benchmarks.broker.LongPollCommand;
import io.taskbroker.benchmarks.broker.LookCommand;
import io.taskbroker.benchmarks.broker.MemoryCommand;
import io.taskbroker.benchmarks.broker.NeighbourCommand;
import io.taskbroker.benchmarks.broker.PushCommand;
import io.taskbroker.benchmarks.broker.SpikeCommand;
import io.taskbroker.benchmarks.broker.StartCommand;
import io.taskbroker.benchmarks.postgres.PostgresCommand;
import io.taskbroker.benchmarks.soak.SoakCommand;
import io.taskbroker.benchmarks.stall.StallCommand;
import io.taskbroker.benchmarks.store.StoreCommand;
import io.taskbroker.workload.Programs;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Starts a benchmark by its name. */
@Command(
    name = "bench",
    description = "Measures the broker, and ends with one line for each figure: name value unit.",
    subcommands = {
      StoreCommand.class,
      DrainCommand.class,
      ExchangeCommand.class,
      FloodCommand.class,
      GrpcCommand.class,
      LatencyCommand.class,
      LongPollCommand.class,
      LookCommand.class,
      MemoryCommand.class,
      NeighbourCommand.class,
      PostgresCommand.class,
      PushCommand.class,
      SoakCommand.class,
      SpikeCommand.class,
      StallCommand.class,
      StartCommand.class,
      AllCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true)
public final class Bench {
  Bench() {}

  public static void main(String[] args) {
    System.exit(Programs.commandLine(new Bench()).setExecutionStrategy(new Versus()).execute(args));
  }
}
