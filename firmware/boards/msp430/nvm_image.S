; A part of the model's NVM image: the progress area, empty, and the weights. From the binary file, because
; clang has no arrays of more than 64 KB for this target.

        .section .nvm_image, "a", @progbits
        .p2align 1
        .incbin INAS_NVM_FILE, INAS_NVM_OFFSET, INAS_NVM_BYTES
