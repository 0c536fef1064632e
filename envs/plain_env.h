#pragma once

#include <cstdint>

#include "envs/batch_env.h"

namespace fleet::envs {

/// An env without physics, models or statistics: what benchmarks and tests derive theirs from.
class PlainEnv : public BatchEnv {
 public:
  const EnvSpec& spec() const override { return spec_; }
  void reset_to(std::uint64_t seed, BatchView<const double> /*qpos*/,
                BatchView<const double> /*qvel*/, const StepBuffers& out) override {
    reset(seed, out);
  }
  void record(const UnroundedBuffers& /*buffers*/) override {}
  void randomise_episode_clocks() override {}
  Fields state() override { return {}; }
  void restore() override {}
  Statistics take_statistics() override { return {}; }
  Fields divergence_dump() override { return {}; }
  int nq() const override { return 0; }
  int nv() const override { return 0; }

 protected:
  EnvSpec spec_;
};

}  // namespace fleet::envs
