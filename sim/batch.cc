#include "sim/batch.h"

#include <array>
#include <stdexcept>

namespace fleet::sim {

Batch::Batch(const mjModel& model, int num_worlds, int num_threads) {
  mjBatchConfig config;
  mjb_defaultConfig(&config);
  config.nthread = num_threads;
  config.persistent = 0;
  std::array<char, 500> error{};
  batch_.reset(mjb_makeBatch(&model, num_worlds, &config, error.data(), error.size()));
  if (!batch_) {
    throw std::runtime_error("cannot make a batch of " + std::to_string(num_worlds) +
                             " worlds: " + error.data());
  }
}

std::span<mjtNum> Batch::state() {
  const auto size = static_cast<std::size_t>(state_size()) * static_cast<std::size_t>(num_worlds());
  return {mjb_state(batch_.get()), size};
}

std::span<mjtNum> Batch::state_row(int world) {
  const auto size = static_cast<std::size_t>(state_size());
  return state().subspan(size * static_cast<std::size_t>(world), size);
}

std::span<mjtNum> Batch::expand(const std::string& field) {
  int size = 0;
  int element_size = 0;
  void* const values = mjb_expand(batch_.get(), field.c_str(), &size, &element_size);
  if (values == nullptr || element_size != sizeof(mjtNum)) {
    throw std::runtime_error("model field '" + field + "' cannot vary from world to world");
  }
  const auto count = static_cast<std::size_t>(size) * static_cast<std::size_t>(num_worlds());
  return {static_cast<mjtNum*>(values), count};
}

void Batch::set_constants() {
  if (mjb_setConst(batch_.get(), nullptr, num_worlds()) != 0) {
    throw std::runtime_error("MuJoCo cannot derive constants of a randomised model");
  }
}

}  // namespace fleet::sim
