#include <algorithm>

#include "cuda/physics/team/cuda_check.cuh"
#include "cuda/physics/team/device_worlds.h"
#include "cuda/physics/team/step_kernel.h"
#include "cuda/physics/team/team_data.h"
#include "cuda/physics/team/team_model.h"
#include "cuda/require.h"

namespace fleet::physics {
namespace {

constexpr int kRow = 32;  ///< floats: rows begin at multiples of it

int padded(int size) { return (size + kRow - 1) / kRow * kRow; }

/// Numbers in device memory; zeros at first.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t size) : size_(size) {
    if (size > 0) {
      cuda_check(cudaMalloc(&data_, size * sizeof(T)));
      cuda_check(cudaMemset(data_, 0, size * sizeof(T)));
    }
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  void upload(const T* from) {
    cuda_check(cudaMemcpy(data_, from, size_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  std::vector<T> download() const {
    std::vector<T> numbers(size_);
    cuda_check(cudaMemcpy(numbers.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost));
    return numbers;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};

/// Small models leave most lanes of a warp without work: they share one.
int lanes_for(int nv) { return nv <= 8 ? 8 : nv <= 20 ? 16 : 32; }

/// f<kLanes>()
template <class F>
auto with_lanes(int lanes, F&& f) {
  return lanes == 8    ? f.template operator()<8>()
         : lanes == 16 ? f.template operator()<16>()
                       : f.template operator()<32>();
}

/// The first `size` numbers of each row.
std::vector<float> without_padding(const std::vector<float>& rows, int num_rows, int size) {
  std::vector<float> numbers;
  for (int row = 0; row < num_rows; ++row) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(row) * padded(size);
    numbers.insert(numbers.end(), first, first + size);
  }
  return numbers;
}

}  // namespace

struct DeviceWorlds::Impl {
  Impl(const Physics<float>& physics, int worlds, int max_contacts)
      : num_worlds(worlds),
        lanes(lanes_for(physics.model.nv)),
        nsensordata(physics.model.nsensordata),
        state_size(physics.model.nq + 2 * physics.model.nv + physics.model.na + physics.model.nu),
        launch(with_lanes(lanes,
                          [&]<int kLanes>() {
                            return plan_launch<kLanes>(team_world_bytes<float>(
                                physics.model, make_team_plan(physics.model), max_contacts));
                          })),
        model(team_model_size(physics)),
        state(static_cast<std::size_t>(num_worlds) * padded(state_size)),
        sensordata(static_cast<std::size_t>(num_worlds) * padded(nsensordata)),
        num_lost(static_cast<std::size_t>(num_worlds)),
        memory(launch.in_shared_memory ? 0
                                       : launch.num_blocks * (32 / lanes) * launch.world_bytes) {
    model.upload(make_team_model(physics, max_contacts, model.data()).data());
  }

  int num_worlds, lanes, nsensordata, state_size;
  StepLaunch launch;
  DeviceArray<std::byte> model;
  DeviceArray<float> state, sensordata;
  DeviceArray<int> num_lost;
  DeviceArray<std::byte> memory;
};

bool DeviceWorlds::is_available() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess && count > 0 && can_launch<32>();
}

DeviceWorlds::DeviceWorlds(const Physics<float>& physics, int num_worlds, int max_contacts)
    : impl_((require(num_worlds > 0 && max_contacts >= 0,
                     "expected a world or more, and no negative number of contacts"),
             std::make_unique<Impl>(physics, num_worlds, max_contacts))) {
  std::vector<float> rows(static_cast<std::size_t>(num_worlds) * state_size(), 0.0F);
  for (int world = 0; world < num_worlds; ++world) {
    std::copy(physics.model.qpos0.begin(), physics.model.qpos0.end(),
              rows.begin() + static_cast<std::ptrdiff_t>(world) * state_size());
  }
  set_state(rows);
}

DeviceWorlds::~DeviceWorlds() = default;

int DeviceWorlds::num_worlds() const { return impl_->num_worlds; }
int DeviceWorlds::lanes() const { return impl_->lanes; }
std::size_t DeviceWorlds::world_bytes() const { return impl_->launch.world_bytes; }
bool DeviceWorlds::in_shared_memory() const { return impl_->launch.in_shared_memory; }
int DeviceWorlds::state_size() const { return impl_->state_size; }

void DeviceWorlds::set_state(std::span<const float> state) {
  require(state.size() == static_cast<std::size_t>(num_worlds()) * state_size(),
          "state must be (num_worlds x state_size)");
  std::vector<float> rows(impl_->state.size(), 0.0F);
  for (int world = 0; world < num_worlds(); ++world) {
    const auto first = state.begin() + static_cast<std::ptrdiff_t>(world) * state_size();
    std::copy(first, first + state_size(),
              rows.begin() + static_cast<std::ptrdiff_t>(world) * padded(state_size()));
  }
  impl_->state.upload(rows.data());
}

std::vector<float> DeviceWorlds::state() const {
  return without_padding(impl_->state.download(), num_worlds(), state_size());
}

std::vector<float> DeviceWorlds::sensordata() const {
  return without_padding(impl_->sensordata.download(), num_worlds(), impl_->nsensordata);
}

std::vector<int> DeviceWorlds::num_lost() const { return impl_->num_lost.download(); }

void DeviceWorlds::step(int num_steps) {
  require(num_steps > 0, "expected a step or more");
  const StepArguments arguments{
      .model = reinterpret_cast<const TeamModel<float>*>(impl_->model.data()),
      .num_worlds = num_worlds(),
      .num_steps = num_steps,
      .state = impl_->state.data(),
      .state_stride = padded(state_size()),
      .sensordata = impl_->sensordata.data(),
      .sensordata_stride = padded(impl_->nsensordata),
      .num_lost = impl_->num_lost.data(),
      .memory = impl_->memory.data()};
  with_lanes(impl_->lanes, [&]<int kLanes>() { launch_step<kLanes>(impl_->launch, arguments); });
  cuda_check(cudaDeviceSynchronize());
}

}  // namespace fleet::physics
