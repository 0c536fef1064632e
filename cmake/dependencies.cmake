# What Fleet is linked to. Imported targets are system libraries: their headers give no warnings.

set(third_party ${PROJECT_SOURCE_DIR}/third_party)
if(NOT EXISTS ${third_party}/torch)
  message(FATAL_ERROR "third_party/ is empty: run ./fleet test once, it fetches what cmake/pins.txt lists")
endif()

# The MuJoCo wheel has no libmujoco.so without a version in its name, so the file is found by pattern.
file(GLOB mujoco_library ${third_party}/mujoco/mujoco/libmujoco.so.*)
add_library(mujoco::mujoco SHARED IMPORTED)
set_target_properties(
  mujoco::mujoco
  PROPERTIES
    IMPORTED_LOCATION ${mujoco_library}
    INTERFACE_INCLUDE_DIRECTORIES ${third_party}/mujoco/mujoco/include
)

# LibTorch runs without a GPU when libtorch_cuda.so is not linked. Only agents/ links this.
set(torch_dir ${third_party}/torch/torch)
add_library(torch::c10 SHARED IMPORTED)
set_target_properties(torch::c10 PROPERTIES IMPORTED_LOCATION ${torch_dir}/lib/libc10.so)
add_library(torch::torch SHARED IMPORTED)
set_target_properties(
  torch::torch
  PROPERTIES
    IMPORTED_LOCATION ${torch_dir}/lib/libtorch_cpu.so
    INTERFACE_INCLUDE_DIRECTORIES "${torch_dir}/include;${torch_dir}/include/torch/csrc/api/include"
    INTERFACE_LINK_LIBRARIES torch::c10
)

find_package(CLI11 REQUIRED)         # CLI11::CLI11
find_package(fmt REQUIRED)           # fmt::fmt
find_package(nlohmann_json REQUIRED) # nlohmann_json::nlohmann_json
find_package(OpenSSL REQUIRED)       # OpenSSL::Crypto
find_package(PNG REQUIRED)           # PNG::PNG
find_package(spdlog REQUIRED)        # spdlog::spdlog
find_package(yaml-cpp REQUIRED)      # yaml-cpp
find_package(ZLIB REQUIRED)          # ZLIB::ZLIB
