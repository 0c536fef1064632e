#include "apps/config/config_node.h"
#include "apps/config/config_reader.h"
#include "apps/run_config.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  return fuzz::run<config::ConfigError>([&] {
    RunConfig run;
    run.env.task = "velocity";
    config::read_config(config::parse_yaml(fuzz::text_of(data, size), fuzz::kFile), run);
  });
}
