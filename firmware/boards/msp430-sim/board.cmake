# Included by inas_add_msp430_firmware: what this board adds to the program `name` of `model`, and the
# `unit` that multiplies its vectors.
set(unit cpu)
set(here ${CMAKE_CURRENT_LIST_DIR})
target_sources(${name} PRIVATE ${here}/board.c ${here}/power.S)
inas_add_nvm_image(${name} ${model} 0 ${image_bytes})
